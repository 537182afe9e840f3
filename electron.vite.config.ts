import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { wuchale } from 'wuchale/vite'

/** Entries keep the depth that they have as sources, so that each finds the others by the same relative path. */
const mainEntries = {
  'electron/main': 'src-main/electron/main.ts',
  'host/utility-entry': 'src-main/host/utility-entry.ts',
  'workers/features-worker': 'src-main/workers/features-worker.ts',
  'workers/evaluation-worker': 'src-main/workers/evaluation-worker.ts',
  'workers/fold-process': 'src-main/workers/fold-process.ts',
  'workers/model-process': 'src-main/workers/model-process.ts',
  'workers/map-process': 'src-main/workers/map-process.ts',
  'workers/engine-probe': 'src-main/workers/engine-probe.ts',
  'workers/embedding-process': 'src-main/workers/embedding-process.ts',
}

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: mainEntries,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload can only be CommonJS.
      rolldownOptions: {
        input: { preload: 'src-main/preload/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [wuchale(), svelte()],
    build: { outDir: 'out/renderer', rolldownOptions: { input: 'src-renderer/index.html' } },
  },
})
