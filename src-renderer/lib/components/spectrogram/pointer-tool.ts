/** A place that the pointer is at, on a picture of a clip. */
export interface PointerPlace {
  readonly seconds: number
  /** Share of the frequency axis from the bottom, 0..1; null on a picture without frequencies, as the waveform. */
  readonly height: number | null
  /** null likewise. */
  readonly hz: number | null
  readonly secondsPerPixel: number
  /** Pixels from the picture's left and bottom. */
  readonly x: number
  readonly y: number
}

/** What is held down on the keyboard meanwhile. */
export type PointerKeys = Pick<PointerEvent, 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>

/** What follows a press that a tool has taken, until the button is released. */
export interface PointerDrag {
  /** A click belongs to the tool and does not move the playhead as well. */
  readonly ownsClick?: boolean
  move(place: PointerPlace, keys: PointerKeys): void
  /** @param moved - false for a click: `move` was not called */
  end(place: PointerPlace, keys: PointerKeys, moved: boolean): void
  /** The press came to nothing: all is to be as before. */
  cancel(): void
}

/** Something that can be done by dragging over the pictures. */
export interface PointerTool {
  /** @returns null to leave the press to others */
  press(place: PointerPlace, keys: PointerKeys): PointerDrag | null
}
