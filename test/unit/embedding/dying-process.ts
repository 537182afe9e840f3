/**
 * Stands for an embedding process. A clip called `crash` ends it at once, as native code does; after one called `once` it ends
 * while it waits.
 */
process.on('message', ({ audioPath }: { audioPath: string }) => {
  if (audioPath.includes('crash')) {
    process.stderr.write('last words\n', () => process.kill(process.pid, 'SIGSEGV'))
    return
  }
  process.send?.({ value: 1 })
  if (audioPath.includes('once')) setTimeout(() => process.exit(), 50)
})
process.once('disconnect', () => process.exit())
