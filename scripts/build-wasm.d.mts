export interface WasmModule {
  /** Paths from the project's root. */
  source: string
  target: string
  /** Of the exported constant. */
  name: string
}
export const modules: WasmModule[]
export function buildModule(module: WasmModule): Promise<string>
