/** How the window shows whichever clip is chosen; kept while one goes from clip to clip. */
class ClipView {
  /** The clip's pictures fill the window. */
  large = $state(false)
  optionsOpen = $state(false)
}

export const clipView = new ClipView()
