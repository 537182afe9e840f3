#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { cacheFolder } from '../../scripts/engine/paths.mjs'

// Sources without types and compiled are kept, for this program and what it starts: half the time to the first line of output.
const folder = process.env.NODE_COMPILE_CACHE ?? `${cacheFolder()}/compiled`
process.env.NODE_COMPILE_CACHE = folder
enableCompileCache(folder)
await import('./program.ts')
