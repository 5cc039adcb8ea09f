/** Something that set-up cannot mend by itself; the message is the one line that the user reads. */
export class SetupError extends Error {}
