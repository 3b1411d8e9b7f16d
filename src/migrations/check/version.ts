/** Oldest and newest major version that something is known of. */
export const OLDEST_POSTGRES = 9;
export const NEWEST_POSTGRES = 18;
/** The oldest one that the PostgreSQL project still maintains: what only newer ones can do is not taken for granted. */
export const DEFAULT_POSTGRES = 15;
