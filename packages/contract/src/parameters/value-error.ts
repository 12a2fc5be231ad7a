/**
 * A value has the right type but is invalid. The message is a sentence for the sender of the value.
 */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}
