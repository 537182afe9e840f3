import { adapter as svelte } from '@wuchale/svelte'
import type { NewExpression, PropertyDefinition, ThrowStatement } from 'acorn'
import {
  type Adapter,
  type AdapterPassThruOpts,
  defineConfig,
  type HeuristicFunc,
  type Item,
  pofile,
  type RuntimeConf,
  type StorageFactory,
} from 'wuchale'
import { parseScript, pluralPattern, adapter as script, Transformer } from 'wuchale/adapter-vanilla'
import { LANGUAGES, PSEUDO_LANGUAGE } from './src-main/contract/language.ts'

/** Two catalogues a language: what the window says, and what the core and the shell say. `en.po` is written from the code, before each build. */
const LOCALES = 'locales'

const KEY_NAMES =
  /^(((CmdOr)?Ctrl|Shift|Alt|Meta)\+.?\S*|Ctrl|Shift|Alt|Meta|Esc|Escape|Enter|Tab|Space|Home|End|Delete|Backspace|Arrow|Page [↑↓]|(Arrow|Page)(Up|Down|Left|Right))$/
const CODE =
  /[<>{}=[\]]|^[.]|^#[\da-f]{3}|^[a-z][\w-]*\(.*\)$|^(translate|rotate)\(|^[\da-f ]+$|^[MLCZ]# ?#|^\S+\.(csv|json)$|^(Cache|Content)-\w+$|^min-width:|:enabled|^(DownloadURL|AbortError)$/
const CODE_ATTRIBUTES = new Set([
  'class',
  'style',
  'd',
  'transform',
  'points',
  'viewBox',
  'type',
  'id',
  'for',
  'rel',
])
const TEXT_ATTRIBUTES = /^(aria-(label|description|valuetext)|alt|label|placeholder|title)$/
const CODE_CALLS =
  /(^|\.)(closest|matches|querySelector|querySelectorAll|describe|toLocaleString|getPropertyValue|error|warn)$/

/**
 * Which strings are read by people: all of the markup; in scripts and attributes those that begin with a
 * capital letter or have several words. Single small words in scripts are mostly names in code: one that is
 * shown is marked by a comment, `@wc-include`, as one that only looks like a text is by `@wc-ignore`.
 */
const isText: HeuristicFunc = ({ msgStr, details }) => {
  const text = msgStr.join('\n').replaceAll(/\{\d+\}/g, '#')
  if (!/\p{L}/u.test(text) || ['script', 'style', 'code', 'path'].includes(details.element ?? ''))
    return false
  if (details.scope === 'markup') return 'message'
  if (CODE_ATTRIBUTES.has(details.attribute ?? '') || CODE_CALLS.test(details.call ?? '')) return false
  if (CODE.test(text) || KEY_NAMES.test(text)) return false
  if (text !== text.trim()) {
    if (details.call?.endsWith('.join')) return false
    throw new Error(`${details.file}: “${text}” begins or ends with a space, which wuchale takes for none.`)
  }
  if (TEXT_ATTRIBUTES.test(details.attribute ?? '')) return 'message'
  return /^\p{Lu}.*\p{Ll}|\p{L}.*\s|\s.*\p{L}{2}/u.test(text) ? 'message' : false
}

/** Where single words are names of columns, of chunks of a file, of operations. */
const NAMING = /^src-main\/core\/(annotation\/formats|audio|ml\/(engines|model-export))\//
/** Whatever they are given is shown: `notThere('clip', id)`. */
const TEXT_CALLS = /^(notThere|translated)$/
/** Where a setting’s description is its label in a form. */
const SETTINGS = /^src-main\/core\/ml\/(architectures|classical)\//
const SQL = /\b[A-Z]{2,}\b|^[a-z(]|_/

/** The same for the core and the shell, where much more is code. What a plain `Error` says is for whoever mends it. */
const isCoreText: HeuristicFunc = (message) => {
  const { call, file } = message.details
  const text = message.msgStr.join('\n')
  if (/^new (Type|Range)?Error$/.test(call ?? '')) return false
  if (TEXT_CALLS.test(call ?? '')) return 'message'
  if (file.startsWith('src-main/core/db/') && SQL.test(text)) return false
  if (NAMING.test(file) && !(/[\p{L}\d}] \S/u.test(text) && /(^| )\p{Ll}{2,}/u.test(text))) return false
  const isLabel = call?.endsWith('.describe') && SETTINGS.test(file)
  const isSaid = call === 'new SoundfoldError' && /\p{L}{2}.*\s/u.test(text)
  return isLabel || isSaid ? 'message' : isText(message)
}

const ACCENTED = 'ÁɃĆĎÉƑĞĤÍĴĶĹṀŃÓÞɊŔŚŤÚṼŴẊÝŹáƀćďéƒğĥíĵķĺɱńóþʠŕśťúṽŵẋýź'
/** Vowels twice: texts are a third longer, as those of many languages are. */
const accent = (letter: string) =>
  (ACCENTED['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(letter)] ?? letter).repeat(
    /[aeiou]/.test(letter) ? 2 : 1,
  )
/** Placeholders stay: `{0}`, `<0/>`, `<0>…</0>`. */
const accented = (text: string) => text.replace(/\{\d+\}|<\/?\d+\/?>|[A-Za-z]/g, accent)

/** By file, then by text: what is said in one place stands together, and branches meet without conflict. */
function byPlace(a: Item, b: Item): number {
  const [x, y] = [a, b].map(({ references, translations }) =>
    [references[0]?.file, ...(translations.get('en') ?? [])].join('\n'),
  )
  return (x ?? '') < (y ?? '') ? -1 : 1
}

/** The catalogues on disk, and the pseudo-language beside them. */
const storage =
  (name: string): StorageFactory =>
  async (options) => {
    const locales = options.locales.filter((locale) => locale !== PSEUDO_LANGUAGE)
    const files = await pofile({ dir: `${LOCALES}/${name}` })({ ...options, locales })
    return {
      key: files.key,
      files: files.files,
      save: (data) => files.save({ ...data, items: data.items.toSorted(byPlace) }),
      load: async () => {
        const loaded = await files.load()
        for (const { translations } of loaded.items)
          translations.set(PSEUDO_LANGUAGE, (translations.get('en') ?? []).map(accented))
        return loaded
      },
    }
  }

const patterns = [pluralPattern]
// The language changes by loading the window anew: a module or component asks for it once, and nothing reacts.
const runtime: Pick<RuntimeConf, 'initReactive' | 'useReactive'> = {
  initReactive: ({ funcName }) => (funcName == null ? false : null),
  useReactive: false,
}

/** wuchale's own takes texts within functions only, and none of what is thrown: tables of texts and errors would stay as they are. */
class ModuleTransformer extends Transformer {
  override visitThrowStatement = (node?: ThrowStatement) => (node ? this.visit(node.argument) : [])
  override visitPropertyDefinition = (node?: PropertyDefinition) =>
    node?.value ? this.visit(node.value) : []
  /** The heuristic learns what is made, as it learns which function is called. */
  override visitNewExpression = (node: NewExpression) => {
    const { call } = this.heuristciDetails
    this.heuristciDetails.call = `new ${this.getCalleeName(node.callee)}`
    const texts = node.arguments.flatMap((argument) => this.visit(argument))
    this.heuristciDetails.call = call
    return texts
  }
  override transform = () => {
    const [program, comments] = parseScript(this.content)
    this.comments = comments
    const texts = this.visit(program)
    const start = this.getRealBodyStart(program.body) ?? 0
    this.mstr.appendRight(start, this.initRuntime() ?? '')
    return this.finalize(texts, start)
  }
}

function modules(catalogue: string, files: AdapterPassThruOpts['files'], heuristic: HeuristicFunc): Adapter {
  const adapter = script({ files, storage: storage(catalogue), runtime })
  return {
    ...adapter,
    transform: ({ content, filename, index, expr, matchUrl }) =>
      new ModuleTransformer(
        content,
        filename,
        index,
        heuristic,
        patterns,
        expr,
        adapter.runtime,
        matchUrl,
      ).transform(),
  }
}

export default defineConfig({
  locales: [...LANGUAGES],
  localesDir: LOCALES,
  logLevel: 'error',
  adapters: {
    main: svelte({
      files: ['src-renderer/**/*.svelte'],
      storage: storage('window'),
      patterns,
      runtime,
      loader: 'svelte',
      heuristic: isText,
    }),
    script: modules('window', { include: 'src-renderer/**/*.ts', ignore: '**/*.d.ts' }, isText),
    core: modules(
      'core',
      {
        include: [
          'src-main/{contract,core}/**/*.ts',
          'src-main/electron/{core-process,dialogs,job-notice,menu-template}.ts',
          'src-main/host/{page-files,serve-connection,utility-entry}.ts',
          'src-main/server/send.ts',
        ],
        // Reports, model cards and logs are files, which stay English; the others say nothing that a person reads.
        ignore: [
          '**/*.d.ts',
          '**/*.wasm.ts',
          'src-main/core/report/**',
          'src-main/core/audit/audit-{export,report}.ts',
          'src-main/core/ml/model-export/model-card.ts',
          'src-main/core/ml/fold-journal.ts',
          'src-main/core/audio/vorbis/**',
          'src-main/core/db/migrations/**',
          'src-main/core/ml/engines/*-{backend,kernels}.ts',
        ],
      },
      isCoreText,
    ),
  },
})
