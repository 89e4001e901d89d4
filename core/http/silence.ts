/** The other side said nothing for too long: a failure of its own kind, since trying again may help. */
export class SilenceError extends Error {
  constructor(milliseconds: number) {
    super(`nothing came for ${milliseconds / 1000} seconds`);
  }
}
