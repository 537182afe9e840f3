import { type ErrorShape, toErrorShape } from '../../../src-main/contract/errors.ts'
import type { ClipDetail } from '../../../src-main/contract/model.ts'
import type { AuditSource, Decision, Verdict } from '../../../src-main/contract/verdict.ts'
import type { QueueSource } from '../../lib/route.ts'
import { changes } from '../../lib/state/changes.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'
import { ClipsAhead } from './clip-ahead.ts'
import { secondsPerClip } from './pace.ts'

/** Clips that are fetched before their turn. */
const AHEAD = 3

export interface QueuePlan {
  datasetId: number
  setId: number
  source: QueueSource
}

/** The clips of an audit in their order, what was decided of them, and the one that is to be decided now. */
export class AuditQueue {
  readonly plan: QueuePlan
  clipIds = $state.raw<readonly number[]>()
  error = $state.raw<ErrorShape | null>(null)
  index = $state(0)
  /** The verdict that is to come is on all clips of the recording. */
  whole = $state(false)
  /** A note for the verdict that is to come. */
  note = $state('')
  readonly ahead = new ClipsAhead()
  #verdicts = $state.raw<readonly Verdict[]>([])
  /** Of a review: those that were decided since it began. */
  #reviewed = $state.raw<ReadonlySet<number>>(new Set())
  #timesMs = $state.raw<readonly number[]>([])
  #closed = false
  /** Of decisions that the core has not answered yet. */
  #waiting = $state(0)

  readonly mine: ReadonlyMap<number, Verdict> = $derived(
    new Map(
      this.#verdicts
        .filter(({ author }) => author === changes.author)
        .map((verdict) => [verdict.clipId, verdict]),
    ),
  )
  readonly clipId = $derived(this.clipIds?.[this.index])
  readonly decided = $derived(this.clipIds?.filter((id) => this.#isDecided(id)).length ?? 0)
  readonly finished = $derived(this.clipIds !== undefined && this.decided === this.clipIds.length)
  readonly secondsPerClip = $derived(secondsPerClip(this.#timesMs))
  readonly saving = $derived(this.#waiting > 0)

  constructor(plan: QueuePlan) {
    this.plan = plan
  }

  /** @param clipId - to begin with; else the first that is not decided */
  async open(clipId: number | undefined): Promise<void> {
    const { datasetId, source } = this.plan
    try {
      const [{ clipIds }] = await Promise.all([
        session.call('verdicts.queue', { datasetId, source: this.#asked(source) }),
        this.refresh(),
      ])
      if (this.#closed) return
      this.clipIds = clipIds
      const wanted = clipId === undefined ? -1 : clipIds.indexOf(clipId)
      const first = clipIds.findIndex((id) => !this.#isDecided(id))
      this.go(wanted >= 0 ? wanted : Math.max(0, first))
    } catch (error) {
      this.error = toErrorShape(error)
    }
  }

  /** Asks again what everybody says. */
  async refresh(): Promise<void> {
    try {
      const { verdicts } = await session.call('verdicts.list', { setId: this.plan.setId })
      // What was decided meanwhile is not in this answer.
      if (this.#waiting === 0) this.#verdicts = verdicts
    } catch (error) {
      this.error = toErrorShape(error)
    }
  }

  othersOn(clipId: number): readonly Verdict[] {
    return this.#verdicts.filter((verdict) => verdict.clipId === clipId && verdict.author !== changes.author)
  }

  go(index: number): void {
    const last = (this.clipIds?.length ?? 1) - 1
    this.index = Math.min(Math.max(0, index), Math.max(0, last))
    this.note = this.mine.get(this.clipId ?? -1)?.note ?? ''
    this.ahead.prepare(this.clipIds?.slice(this.index + 1, this.index + 1 + AHEAD) ?? [])
  }

  skip(): void {
    this.go(this.index + 1)
  }
  back(): void {
    this.go(this.index - 1)
  }

  /** Says it of the present clip, or of its whole recording, and goes on to the next at once. */
  async decide(clip: ClipDetail, decision: Decision, classId?: number): Promise<void> {
    const { setId, source } = this.plan
    const before = { verdicts: this.#verdicts, reviewed: this.#reviewed, index: this.index }
    const recording = this.whole ? clip.group : null
    this.#timesMs = [...this.#timesMs, performance.now()]
    const { note } = this
    const now = {
      ...{ clipId: clip.id, author: changes.author, decision, note },
      ...{ classId: classId ?? null, final: this.#settles(source), decidedAt: new Date().toISOString() },
    }
    this.#verdicts = [
      ...this.#verdicts.filter(({ clipId, author }) => clipId !== clip.id || author !== now.author),
      now,
    ]
    this.#reviewed = new Set([...this.#reviewed, clip.id])
    this.whole = false
    if (recording === null) this.#next()
    this.#waiting++
    try {
      await session.call('verdicts.decide', {
        ...{ setId, by: changes.by, decision, final: now.final },
        ...(classId !== undefined && { classId }),
        // None is no reason to take away those of a recording's other clips.
        ...((note !== '' || recording === null) && { note }),
        clips: recording === null ? { clipIds: [clip.id] } : { filter: { recordings: [recording] } },
      })
    } catch (error) {
      this.#verdicts = before.verdicts
      this.#reviewed = before.reviewed
      this.#timesMs = this.#timesMs.slice(0, -1)
      if (!this.#closed) this.go(before.index)
      toasts.fail('The verdict was not saved', error)
    } finally {
      this.#waiting--
    }
    await this.refresh()
    if (recording !== null && !this.#closed) this.#next()
  }

  /** The note as the clip's own, without a verdict. */
  async writeNote(clipId: number): Promise<void> {
    try {
      const clips = { clipIds: [clipId] }
      await session.call('verdicts.decide', {
        setId: this.plan.setId,
        by: changes.by,
        clips,
        note: this.note,
      })
    } catch (error) {
      toasts.fail('The note was not saved', error)
    }
  }

  /** Takes back the session's last change, or does it again, and shows the clip that it was about. */
  async travel(direction: 'undo' | 'redo'): Promise<void> {
    const before = this.mine
    await changes[direction]()
    await this.refresh()
    if (this.#closed) return
    const changed = this.clipIds?.findIndex(
      (id) => before.get(id)?.decidedAt !== this.mine.get(id)?.decidedAt,
    )
    if (changed === undefined || changed < 0) return
    const clipId = this.clipIds?.[changed]
    if (direction === 'undo') this.#reviewed = new Set([...this.#reviewed].filter((id) => id !== clipId))
    this.go(changed)
  }

  /** Answers that come later change nothing: what is derived here ends with its component. */
  close(): void {
    this.#closed = true
    this.ahead.close()
  }

  #next(): void {
    const ids = this.clipIds ?? []
    const open = (id: number) => !this.#isDecided(id)
    const after = ids.findIndex((id, place) => place > this.index && open(id))
    this.go(after >= 0 ? after : Math.max(0, ids.findIndex(open)))
  }

  #isDecided(clipId: number): boolean {
    const { source } = this.plan
    if (source.from === 'set' && source.only !== 'others') return this.#reviewed.has(clipId)
    const said = this.mine.get(clipId)
    return said !== undefined && said.decision !== null
  }

  readonly #settles = (source: QueueSource) => source.from === 'set' && source.only === 'disputed'

  #asked(source: QueueSource): AuditSource {
    switch (source.from) {
      case 'run':
        return { runId: source.runId, only: source.only ?? 'disagreements' }
      case 'search':
        return { searchId: source.searchId, issues: source.filter ?? {} }
      case 'set':
        return { setId: this.plan.setId, only: source.only, author: changes.author }
      case 'library':
        return { filter: source.filter, sort: source.sort }
      case 'clips':
        return { clipIds: source.clipIds }
    }
  }
}
