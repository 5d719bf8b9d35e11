/** A daily maintenance window: from `start` (HH:MM in `timezone`) for `durationMinutes`. */
export interface Window {
  readonly start: string;
  readonly durationMinutes: number;
  readonly timezone?: string | undefined;
}

const DAY_MINUTES = 1440;

/** Seconds until the window opens; 0 while it is open. `now` is RFC 3339. When daylight saving time begins or ends, one opening may be off by an hour. */
export function secondsToWindow({ start, durationMinutes, timezone = 'UTC' }: Window, now: string): number {
  const [hours = 0, minutes = 0] = start.split(':').map(Number);
  const at = minuteOfDay(now, timezone);
  const since = (at - (hours * 60 + minutes) + DAY_MINUTES) % DAY_MINUTES;
  return since < durationMinutes ? 0 : Math.ceil((DAY_MINUTES - since) * 60);
}

function minuteOfDay(now: string, timezone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(new Date(now)).map(({ type, value }) => [type, Number(value)]));
  return (parts.get('hour') ?? 0) * 60 + (parts.get('minute') ?? 0) + (parts.get('second') ?? 0) / 60;
}
