/** Something the user can mend. Its message is all that is shown, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
