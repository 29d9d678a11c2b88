/** Clocks differ. */
export const LEEWAY_SECONDS = 5;
/** A token that begins within this time is worth coming back with. */
export const SOON_SECONDS = 30;
