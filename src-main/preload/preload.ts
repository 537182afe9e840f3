import { ipcRenderer, webUtils } from 'electron'

/**
 * Hands the page its ports to the core and to the shell whenever the page says that it listens, and the paths of what a person
 * drops on it; it gives the page nothing else.
 */
const fromThisPage = (event: MessageEvent) => event.source === window && event.origin === location.origin

window.addEventListener('message', (event) => {
  if (fromThisPage(event) && event.data?.type === 'soundfold-ready') ipcRenderer.send('soundfold:connect')
})
ipcRenderer.on('soundfold:port', ({ ports }) => {
  window.postMessage({ type: 'soundfold-port' }, location.origin, ports)
})
window.addEventListener('drop', (event) => {
  // Events of the page's own making carry no files from anywhere.
  if (!event.isTrusted) return
  const paths = Array.from(event.dataTransfer?.files ?? [], (file) => webUtils.getPathForFile(file))
  if (paths.length > 0) window.postMessage({ type: 'soundfold-dropped', paths }, location.origin)
})
