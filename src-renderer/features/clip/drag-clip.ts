import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

/** What a browser plays as it is; other audio comes from the core as WAV. */
const SENT_AS_IT_IS = ['wav', 'ogg', 'flac', 'mp3']

let going = false
/** Whether what is dragged over the window comes from it. */
export const isOwnDrag = () => going

/** For `ondragstart` of whatever stands for a clip: its file goes along, to be dropped into another program. */
export function dragClip(
  event: DragEvent,
  clip: { id: number; fileName: string; container: string | null },
): void {
  going = true
  // A drag of the system's own ends without a word to the page, but no pointer moves before it has.
  addEventListener('pointermove', () => (going = false), { once: true })
  if (session.info?.canDragOut) {
    event.preventDefault()
    session
      .call('shell.dragClip', { clipId: clip.id })
      .catch((error) => toasts.fail('The clip can’t be dragged', error))
    return
  }
  const name = clip.fileName.replaceAll(':', '_')
  const file = SENT_AS_IT_IS.includes(clip.container ?? '') ? name : `${name}.wav`
  const url = new URL(session.mediaUrl(`clips/${clip.id}/audio`), location.href)
  // Chromium fetches it where it is dropped: https://html.spec.whatwg.org has no word for that yet.
  event.dataTransfer?.setData('DownloadURL', `application/octet-stream:${file}:${url}`)
}
