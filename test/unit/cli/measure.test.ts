import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TinyWorkspace, tinyWorkspace } from '../../support/tiny-workspace.ts'

const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))

let tiny: TinyWorkspace
beforeAll(async () => {
  tiny = await tinyWorkspace()
  // The command line takes the workspace for itself.
  await tiny.core.close()
})
afterAll(() => tiny.close())

const measure = (...rest: string[]) =>
  spawnSync(process.execPath, [CLI, 'measure', ...rest, '--workspace', tiny.folder], { encoding: 'utf8' })

it('measures a part of a clip by its file name, for people and for scripts', () => {
  const { stdout, status } = measure('high.wav', '--from', '0.25', '--to', '0.75', '--low', '1000', '--json')
  expect(status).toBe(0)
  const measured = JSON.parse(stdout)
  expect(measured).toMatchObject({ fileName: 'high.wav', lowHz: 1000, highHz: 11_025 })
  expect(measured.durationSeconds).toBeCloseTo(0.5, 3)
  expect(measured.peakHz).toBeCloseTo(1760, -1)
  expect(measure('1').stdout).toMatch(/peak frequency +21[5-9]|peak frequency +22\d/)
})

it('says what is wrong', () => {
  expect(measure('nothing.wav').stderr).toContain('There is no clip nothing.wav in')
  expect(measure('low.wav', '--from', '9').stderr).toContain('no sound')
  expect(measure('low.wav', '--low', '-1').status).toBe(2)
})
