export const projectFolder: string
export function projectNode(): string
export function packageFolder(name: string): string | undefined
export function cacheFolder(): string
