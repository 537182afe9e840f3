import type { DragTool } from '../../lib/components/spectrogram/picture-view.svelte.ts'

export const DRAG_TOOLS: readonly { tool: DragTool; title: string }[] = [
  { tool: 'box', title: 'Drag selects time and frequency' },
  { tool: 'time', title: 'Drag selects time' },
  { tool: 'pan', title: 'Drag moves the pictures' },
]

export function nextTool(tool: DragTool): DragTool {
  const index = DRAG_TOOLS.findIndex((entry) => entry.tool === tool)
  return DRAG_TOOLS[(index + 1) % DRAG_TOOLS.length]?.tool ?? 'box'
}
