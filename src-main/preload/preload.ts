import { ipcRenderer } from 'electron'

/** Hands the page the one port to its core whenever the page says that it listens; it gives the page nothing else. */
const fromThisPage = (event: MessageEvent) => event.source === window && event.origin === location.origin

window.addEventListener('message', (event) => {
  if (fromThisPage(event) && event.data?.type === 'soundfold-ready') ipcRenderer.send('soundfold:connect')
})
ipcRenderer.on('soundfold:port', ({ ports }) => {
  window.postMessage({ type: 'soundfold-port' }, location.origin, ports)
})
