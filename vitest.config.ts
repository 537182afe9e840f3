import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // For modules with runes: what holds a screen's state is tested without a screen.
  plugins: [svelte()],
  test: {
    // What tests start is compiled once: most of a short command's time is reading its sources.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'soundfold-test-compiled') },
    globalSetup: 'test/support/global-setup.ts',
    include: ['test/{unit,parity,contract,renderer,e2e}/**/*.test.ts'],
    // What a machine takes that has other work to do: a test that fails says so late, one that passes takes no longer.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 15_000 } },
    // A browser on two busy cores misses a moment now and then; what is broken fails twice.
    retry: process.env.CI ? 1 : 0,
    // TensorFlow and Chromium are memory-hungry and test machines have two cores.
    maxWorkers: 2,
    pool: 'forks',
    reporters: ['default', './test/support/plain-reporter.ts'],
  },
})
