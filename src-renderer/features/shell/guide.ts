import { libraryRoute, type Route } from '../../lib/route.ts'

/** How far a person is in their first round. */
export interface Progress {
  /** The workspace has a dataset. */
  hasSounds: boolean
  /** A clip was played. */
  heard: boolean
  hasRun: boolean
  /** A finished run's screen was opened. */
  looked: boolean
}

export interface GuideStep {
  title: string
  /** What to do now. */
  text: string
  done: boolean
}

export const guideSteps = ({ hasSounds, heard, hasRun, looked }: Progress): GuideStep[] => [
  {
    title: 'Sounds',
    text: 'Import a folder of yours, or make the demo: 400 synthesised sounds in ten classes.',
    done: hasSounds,
  },
  {
    title: 'Listen',
    text: 'Choose a clip in the library by ↓ or a click, and hear it by Space. / searches, filters are at the left.',
    done: heard,
  },
  {
    title: 'Train',
    text: 'Start the training as it stands: a small network, tested on each fold in turn. A minute or few.',
    done: hasRun,
  },
  {
    title: 'Mistakes',
    text: 'Open the run when it has ended. A click on a cell of its matrix lists the clips that were confused.',
    done: looked,
  },
]

/** Where a step is done. */
export const GUIDE_ROUTES: readonly Route[] = [
  { screen: 'import' },
  libraryRoute(),
  { screen: 'train' },
  { screen: 'runs' },
]
