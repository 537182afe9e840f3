import type { CsvMapping, DatasetFormat, Problem } from '../../contract/model.ts'

/** One row of the metadata that can become a clip. */
export interface PlannedClip {
  /** Below the dataset's folder, with `/`. */
  relativePath: string
  fileName: string
  classId: number
  fold: number
  salience: 1 | 2 | null
  recording: string | null
  startSeconds: number | null
  endSeconds: number | null
  line: number
}

/** What a folder's metadata says, before any audio is looked at. */
export interface ImportPlan {
  format: DatasetFormat
  mapping: CsvMapping | null
  /** sha256 of the metadata file. */
  sourceHash: string
  classes: { id: number; name: string }[]
  clips: PlannedClip[]
  /** Of rows that were left out. */
  problems: Problem[]
  skippedRows: number
  /** Folders that hold audio, to be searched for files that no row names. */
  audioFolders: string[]
}
