/** What the command line shows of a build. */
export { createReporter } from "./reporter.ts";
