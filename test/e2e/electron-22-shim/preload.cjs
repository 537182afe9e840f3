/** Loaded before the program's preload: where a dropped file is, which Electron 22 says in another way. */
const electron = require('electron')
electron.webUtils ??= { getPathForFile: (file) => file.path }
