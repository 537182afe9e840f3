import { describe, expect, it } from 'vitest'
import { whatWasDropped } from '../../src-renderer/features/shell/dropped.ts'

const file = (name: string) => ({ name, isFolder: false })
const folder = (name: string) => ({ name, isFolder: true })

describe('what was dropped on the window', () => {
  it('is a dataset’s folder, alone', () => {
    expect(whatWasDropped([{ ...folder('UrbanSound8K'), path: '/data/UrbanSound8K' }])).toEqual({
      kind: 'folder',
      name: 'UrbanSound8K',
      path: '/data/UrbanSound8K',
    })
    expect(whatWasDropped([folder('a'), folder('b')])).toMatchObject({
      kind: 'other',
      advice: expect.stringContaining('one folder'),
    })
    expect(whatWasDropped([folder('a'), file('b.wav')]).kind).toBe('other')
  })

  it('is audio, if all of it is', () => {
    expect(whatWasDropped([file('a.WAV'), file('b.flac'), file('c.aif')]).kind).toBe('audio')
    expect(whatWasDropped([file('a.wav'), file('notes.txt')]).kind).toBe('other')
  })

  it('is answered by what to do instead', () => {
    const advice = (name: string) => {
      const drop = whatWasDropped([file(name)])
      return drop.kind === 'other' ? drop.advice : ''
    }
    expect(advice('UrbanSound8K.csv')).toContain('the folder that holds the CSV')
    expect(advice('yamnet.onnx')).toContain('Recipes')
    expect(advice('holiday.jpg')).toContain('WAV')
    expect(whatWasDropped([]).kind).toBe('other')
  })
})
