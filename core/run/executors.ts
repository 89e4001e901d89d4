/** Who runs scripts as root of the image's tree, as users name them: keys of the `run` hook. */
export const EXECUTORS = ["auto", "vm", "namespace"] as const;

export type Executor = (typeof EXECUTORS)[number];
