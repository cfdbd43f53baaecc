/**
 * Milliseconds to wait before try number `attempt` (from 0), with full jitter: anything between nothing and the
 * doubled wait. When a server comes back, all its visitors come with it; half of a fixed wait would keep them in step.
 */
export declare function backoff(attempt: number, cap: number, chance?: number): number;
