/** Stands for a process that a broken library ends. */
console.error('broken on purpose')
process.exit(3)
