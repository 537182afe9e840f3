/** See test-electron.mjs. */
export function testElectron(say?: (line: string) => void): Promise<string>
