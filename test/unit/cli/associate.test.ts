import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { desktopEntry, userDataFolder, writeAssociation } from '../../../src-main/cli/commands/associate.ts'

const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold associate-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const there = (program: string) =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)))

/** A string of a desktop entry, its escapes taken back. */
function value(entry: string, key: string): string {
  const [, raw = ''] = new RegExp(`^${key}=(.*)$`, 'm').exec(entry) ?? []
  const meant: Record<string, string> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' }
  return raw.replace(/\\(.)/g, (all, letter: string) => meant[letter] ?? all)
}

async function soundfold(env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'associate', '--json', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const [code] = await once(child, 'close')
  return { code, document: JSON.parse(stdout) }
}

describe('the desktop entry', () => {
  const command = ['/opt/my node/bin/node', '/home/o\'neill/a "b" $HOME `id` 100%f \\x\ty/start.mjs']

  // Its quoting is that of a shell, to which we give what is left when a desktop has put in the file.
  it.skipIf(process.platform === 'win32')('starts just this program, with any path', () => {
    const exec = value(desktopEntry(command, '/icon'), 'Exec')
    const filled = exec.replace(/%(.)/g, (_all, code) => (code === 'f' ? "'/w/a b.soundfold'" : code))
    const words = execFileSync('sh', ['-c', `printf '%s\\0' ${filled}`], { encoding: 'utf8' })
    expect(words.split('\0').slice(0, -1)).toEqual([...command, '/w/a b.soundfold'])
  })

  it('has a line a key, whatever the paths', () => {
    const entry = desktopEntry(['/a\nExec=evil'], '/icons/a\\b\nc.svg')
    expect(entry.split('\n')).toHaveLength(11)
    expect(entry.match(/^Exec=/gm)).toHaveLength(1)
    expect(value(entry, 'Icon')).toBe('/icons/a\\b\nc.svg')
    expect(value(entry, 'MimeType')).toBe('application/x-soundfold-workspace;')
  })
})

describe('where a person’s programs are kept', () => {
  it('is told by the system’s variable, if that is a whole path', () => {
    const usual = join(homedir(), '.local', 'share')
    expect(userDataFolder('linux', { XDG_DATA_HOME: '/data' })).toBe('/data')
    expect(userDataFolder('linux', { XDG_DATA_HOME: 'data' })).toBe(usual)
    expect(userDataFolder('linux', {})).toBe(usual)
  })

  it('is an installer’s business elsewhere', () => {
    for (const platform of ['darwin', 'win32'] as const)
      expect(() => userDataFolder(platform, {})).toThrow(
        expect.objectContaining({
          code: 'invalid-input',
          message: expect.stringContaining('installer'),
          hint: expect.stringContaining('Open Workspace'),
        }),
      )
  })
})

describe.runIf(process.platform === 'linux')('soundfold associate', () => {
  const data = join(root, 'data')
  const files = [join(data, 'mime/packages/soundfold.xml'), join(data, 'applications/soundfold.desktop')]

  it('tells the desktop of the file type, and takes it back', async () => {
    const entry = desktopEntry(['/usr/bin/true'], '/icon.svg')
    const written = await writeAssociation(data, entry)
    expect(written.files).toEqual(files)
    expect(readFileSync(join(data, 'applications/soundfold.desktop'), 'utf8')).toBe(entry)
    expect(readdirSync(join(data, 'mime/packages'))).toEqual(['soundfold.xml'])
    const programs = ['update-mime-database', 'update-desktop-database']
    expect(written.missing).toEqual(programs.filter((program) => !there(program)))
    const known = () => readFileSync(join(data, 'mime/globs2'), 'utf8')
    if (there('update-mime-database'))
      expect(known()).toContain('application/x-soundfold-workspace:*.soundfold\n')

    const removed = await soundfold({ XDG_DATA_HOME: data }, '--remove')
    expect(removed).toMatchObject({ code: 0, document: { files, removed: true } })
    expect(files.filter((file) => existsSync(file))).toEqual([])
    if (there('update-mime-database')) expect(known()).not.toContain('soundfold')
    const again = await soundfold({ XDG_DATA_HOME: data }, '--remove')
    expect(again).toMatchObject({ code: 0, document: { files: [], missing: [] } })
  })

  it('writes nothing that a double click could not start, and makes no workspace', async () => {
    const none = { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'none'), XDG_DATA_HOME: join(root, 'other') }
    const refused = await soundfold(none)
    expect(refused).toMatchObject({ code: 1, document: { error: { code: 'not-found' } } })
    expect(readdirSync(root)).toEqual(['data'])
  })
})
