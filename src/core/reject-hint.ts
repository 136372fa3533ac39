/** Ends the hint of an error of a row that a reject port would have taken. */
export const CONNECT_REJECT = 'connect the reject port to keep going without such rows'
