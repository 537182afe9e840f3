/** Values as people read them: the same words in the window, in reports and on the command line. */
export * from '../../src-main/contract/words.ts'
