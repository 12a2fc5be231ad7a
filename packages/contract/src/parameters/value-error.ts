/** A value is of the right type, but cannot be used. The message is a sentence for whoever gave the value. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}
