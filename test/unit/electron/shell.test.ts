import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { giveWorkspaceFile } from '../../../src-main/core/workspace-file.ts'
import { jobNotice, taskbarProgress } from '../../../src-main/electron/job-notice.ts'
import { accelerator, type MenuParts, menuTemplate } from '../../../src-main/electron/menu-template.ts'
import { openable, withRecent } from '../../../src-main/electron/recent.ts'
import { routeArgument, workspaceArgument, workspaceOf } from '../../../src-main/electron/start-arguments.ts'
import { DEFAULT_SIZE, windowPlace, zoomed } from '../../../src-main/electron/window-place.ts'

const root = mkdtempSync(join(tmpdir(), 'soundfold-shell-'))
afterAll(() => rmSync(root, { recursive: true }))

describe('what the program is opened with', () => {
  const workspace = join(root, 'my sounds')
  mkdirSync(workspace)
  writeFileSync(join(workspace, 'workspace.sqlite'), '')
  writeFileSync(join(root, 'stray.soundfold'), '')

  it('takes the folder of a workspace, and files in it, and nothing else for one', () => {
    expect(workspaceOf(workspace)).toBe(workspace)
    expect(workspaceOf(join(workspace, 'workspace.sqlite'))).toBe(workspace)
    expect(workspaceOf(join(workspace, 'any name.soundfold'))).toBe(workspace)
    expect(workspaceOf(join(root, 'stray.soundfold'))).toBeUndefined()
    expect(workspaceOf(root)).toBeUndefined()
    const named = join(root, 'birds.soundfold')
    mkdirSync(named)
    writeFileSync(join(named, 'workspace.sqlite'), '')
    expect(workspaceOf(named)).toBe(named)
  })

  it('prefers a named workspace, which need not be there yet', () => {
    expect(workspaceArgument(['soundfold', workspace, '--workspace', join(root, 'new')])).toBe(
      join(root, 'new'),
    )
    // The program's own folder comes first while it is not packaged.
    expect(workspaceArgument(['electron', root, '--no-sandbox', workspace])).toBe(workspace)
    expect(workspaceArgument(['electron', root, '--route', '#/train'])).toBeUndefined()
  })

  it('finds a file for that in every workspace, which people may rename', async () => {
    await giveWorkspaceFile(workspace)
    const [made = ''] = readdirSync(workspace).filter((name) => name.endsWith('.soundfold'))
    expect(workspaceOf(join(workspace, made))).toBe(workspace)
    expect(readFileSync(join(workspace, made), 'utf8')).toMatch(/^.*Soundfold.*\n$/)
    renameSync(join(workspace, made), join(workspace, 'birds.soundfold'))
    writeFileSync(join(workspace, 'birds.soundfold'), 'mine')
    await giveWorkspaceFile(workspace)
    expect(readdirSync(workspace).sort()).toEqual(['birds.soundfold', 'workspace.sqlite'])
    expect(readFileSync(join(workspace, 'birds.soundfold'), 'utf8')).toBe('mine')
  })

  it('opens a workspace where none can be written', async () => {
    // Nobody makes a file there, root included.
    await expect(giveWorkspaceFile('/proc')).resolves.toBeUndefined()
    await expect(giveWorkspaceFile(join(root, 'stray.soundfold'))).resolves.toBeUndefined()
  })

  it('takes a screen, and no other address', () => {
    expect(routeArgument(['x', '--route', '#/runs/2020-abc'])).toBe('#/runs/2020-abc')
    expect(routeArgument(['x', '--route=https://example.com'])).toBe('')
  })
})

describe('the workspaces opened last', () => {
  it('are ten at most, the newest first, each once', () => {
    const many = Array.from({ length: 12 }, (_, at) => `/w${at}`)
    const recent = many.reduce<string[]>(withRecent, [])
    expect(recent).toEqual(many.toReversed().slice(0, 10))
    expect(withRecent(recent, '/w5')).toEqual(['/w5', ...recent.filter((folder) => folder !== '/w5')])
  })

  it('are offered without the present one and those that are gone', () => {
    expect(openable(['/a', '/b', '/c'], '/a', (folder) => folder !== '/b')).toEqual(['/c'])
  })
})

describe('where the window opens', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 }
  const second = { x: 1920, y: 0, width: 2560, height: 1400 }
  const last = { x: 2000, y: 40, width: 1500, height: 900 }

  it('is where it was, while that screen exists', () => {
    expect(windowPlace(last, [screen, second])).toEqual(last)
    expect(windowPlace(last, [screen])).toEqual(DEFAULT_SIZE)
    expect(windowPlace(undefined, [screen])).toEqual(DEFAULT_SIZE)
  })

  it('is no larger than the screen and no smaller than the least size', () => {
    expect(windowPlace({ x: 10, y: 10, width: 4000, height: 3000 }, [screen])).toEqual({
      x: 10,
      y: 10,
      width: 1920,
      height: 1040,
    })
    expect(windowPlace({ x: 10, y: 10, width: 300, height: 200 }, [screen])).toMatchObject({
      width: 1024,
      height: 700,
    })
  })

  it('keeps the title bar in sight', () => {
    expect(windowPlace({ ...last, x: 100, y: -500 }, [screen])).toEqual(DEFAULT_SIZE)
    expect(windowPlace({ ...last, x: -1450 }, [screen])).toEqual(DEFAULT_SIZE)
  })

  it('zooms by steps to an end, and back', () => {
    expect(zoomed(1, 'in')).toBe(1.1)
    expect(zoomed(1.1, 'out')).toBe(1)
    expect(zoomed(3, 'in')).toBe(3)
    expect(zoomed(0.5, 'out')).toBe(0.5)
    expect(zoomed(2.5, 'reset')).toBe(1)
  })
})

describe('the menu', () => {
  const parts = (changes: Partial<MenuParts> = {}): MenuParts => ({
    platform: 'linux',
    commands: [
      { id: 'go.library', group: null, title: 'Go to the library', key: '1', enabled: true },
      { id: 'palette', group: null, title: 'Find an action', key: 'Ctrl+k', enabled: true },
      { id: 'clip.play', group: 'Clip', title: 'Play or pause', key: ' ', enabled: false },
    ],
    recent: ['/home/me/R&D'],
    run: vi.fn(),
    chooseWorkspace: vi.fn(),
    openRecent: vi.fn(),
    zoom: vi.fn(),
    ...changes,
  })
  const submenu = (menu: MenuItemConstructorOptions[], label: string) => {
    const found = menu.find((item) => item.label === label)?.submenu
    if (!Array.isArray(found)) throw new Error(`There is no menu ${label}.`)
    return found
  }
  const click = (item: MenuItemConstructorOptions | undefined) =>
    Reflect.apply(item?.click ?? (() => {}), null, [])

  it('has the window’s commands by group, with their keys, greyed where they can’t be done', () => {
    const given = parts()
    const menu = menuTemplate(given)
    const go = submenu(menu, '&Go')
    expect(go.map(({ label, accelerator }) => [label, accelerator])).toEqual([
      ['Go to the library', '1'],
      ['Find an action', 'CmdOrCtrl+K'],
    ])
    // The window listens for them itself: typed into a field, 1 is a figure.
    expect(go.every(({ registerAccelerator }) => registerAccelerator === false)).toBe(true)
    expect(submenu(menu, 'Clip')).toMatchObject([{ enabled: false, accelerator: 'Space' }])
    click(go[0])
    expect(given.run).toHaveBeenCalledWith('go.library')
  })

  it('has undo and redo where they are looked for', () => {
    const commands = [{ id: 'undo', group: null, title: 'Undo', key: 'Ctrl+z', enabled: true }]
    const menu = menuTemplate(parts({ commands }))
    expect(submenu(menu, '&Edit')[0]).toMatchObject({ label: 'Undo', accelerator: 'CmdOrCtrl+Z' })
    expect(menu.some(({ label }) => label === '&Go')).toBe(false)
    // A Mac's are the system's, for text.
    const onMac = submenu(menuTemplate(parts({ commands, platform: 'darwin' })), '&Edit')
    expect(onMac.slice(0, 2)).toEqual([
      { role: 'undo', label: 'Undo' },
      { role: 'redo', label: 'Redo' },
    ])
  })

  it('shows a Mac no key that would be taken from text fields', () => {
    const go = submenu(menuTemplate(parts({ platform: 'darwin' })), '&Go')
    expect(go.map(({ accelerator }) => accelerator)).toEqual([undefined, 'CmdOrCtrl+K'])
  })

  it('opens workspaces that were open before', () => {
    const given = parts()
    const recent = submenu(menuTemplate(given), '&File').find(({ label }) => label?.includes('Recent'))
    const items = Array.isArray(recent?.submenu) ? recent.submenu : []
    expect(items.map(({ label }) => label)).toEqual(['/home/me/R&&D'])
    click(items[0])
    expect(given.openRecent).toHaveBeenCalledWith('/home/me/R&D')
  })

  it('writes keys in Electron’s words', () => {
    expect(accelerator('Ctrl+Shift+ArrowLeft')).toBe('CmdOrCtrl+Shift+Left')
    expect(accelerator('+')).toBe('Plus')
    expect(accelerator('Ctrl++')).toBe('CmdOrCtrl+Plus')
    expect(accelerator('?')).toBe('?')
    expect(accelerator('F5')).toBe('F5')
    // Electron throws on what it does not know.
    expect(accelerator('ö')).toBeUndefined()
    expect(accelerator('Dead')).toBeUndefined()
  })
})

describe('what the system tells of jobs', () => {
  const job = { title: 'Train compact-s', status: 'succeeded', error: null, runId: 'run 1' } as const

  it('is how they ended, what to do, and where to look', () => {
    expect(jobNotice(job)).toEqual({ title: 'Train compact-s', body: 'Done.', hash: '#/runs/run%201' })
    const error = { code: 'disk-full', message: 'The disk is full.', hint: 'Make room.' } as const
    expect(jobNotice({ ...job, status: 'failed', error, runId: null })).toEqual({
      title: 'Failed: Train compact-s',
      body: 'The disk is full. Make room.',
      hash: '',
    })
    expect(jobNotice({ ...job, status: 'cancelled' })).toBeNull()
    expect(jobNotice({ ...job, status: 'paused' })).toBeNull()
  })

  it('is a bar in the taskbar, without an end where none is known', () => {
    expect(taskbarProgress(0, null)).toBe(-1)
    expect(taskbarProgress(2, 0.25)).toBe(0.25)
    expect(taskbarProgress(1, null)).toBeGreaterThan(1)
  })
})
