/** A folder that a person dropped on the window, for the import form to take. */
export const asked = $state({ folder: '' })
