import { adapter as svelte } from '@wuchale/svelte'
import {
  defineConfig,
  type HeuristicFunc,
  type Item,
  pofile,
  type RuntimeConf,
  type StorageFactory,
} from 'wuchale'
import { parseScript, pluralPattern, adapter as script, Transformer } from 'wuchale/adapter-vanilla'
import { LANGUAGES, PSEUDO_LANGUAGE } from './src-renderer/lib/language.ts'

/** One catalogue of texts a language. `en.po` is written from the code, before each build. */
const LOCALES = 'src-renderer/locales'

const KEY_NAMES =
  /^((Ctrl|Shift|Alt|Meta)\+.?\S*|Ctrl|Shift|Alt|Meta|Esc|Escape|Enter|Tab|Space|Home|End|Delete|Backspace|Arrow|Page [↑↓]|(Arrow|Page)(Up|Down|Left|Right))$/
const CODE =
  /[<>{}=[\]]|^[.]|^#[\da-f]{3}|^[a-z][\w-]*\(.*\)$|^(translate|rotate)\(|^[\da-f ]+$|^[MLCZ]# ?#|^(DownloadURL|AbortError)$/
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

const ACCENTED = 'ÁɃĆĎÉƑĞĤÍĴĶĹṀŃÓÞɊŔŚŤÚṼŴẊÝŹáƀćďéƒğĥíĵķĺɱńóþʠŕśťúṽŵẋýź'
const accent = (letter: string) =>
  ACCENTED['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(letter)] ?? letter
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
const storage: StorageFactory = async (options) => {
  const locales = options.locales.filter((locale) => locale !== PSEUDO_LANGUAGE)
  const files = await pofile({ dir: LOCALES })({ ...options, locales })
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

/** wuchale's own takes texts within functions only: tables of texts would stay as they are. */
class ModuleTransformer extends Transformer {
  override transform = () => {
    const [program, comments] = parseScript(this.content)
    this.comments = comments
    const texts = this.visit(program)
    const start = this.getRealBodyStart(program.body) ?? 0
    this.mstr.appendRight(start, this.initRuntime() ?? '')
    return this.finalize(texts, start)
  }
}

const modules = script({
  files: { include: ['src-renderer/**/*.ts', 'src-main/contract/**/*.ts'], ignore: '**/*.d.ts' },
  storage,
  runtime,
})

export default defineConfig({
  locales: [...LANGUAGES],
  localesDir: LOCALES,
  logLevel: 'error',
  adapters: {
    main: svelte({
      files: ['src-renderer/**/*.svelte'],
      storage,
      patterns,
      runtime,
      loader: 'svelte',
      heuristic: isText,
    }),
    script: {
      ...modules,
      transform: ({ content, filename, index, expr, matchUrl }) =>
        new ModuleTransformer(
          content,
          filename,
          index,
          isText,
          patterns,
          expr,
          modules.runtime,
          matchUrl,
        ).transform(),
    },
  },
})
