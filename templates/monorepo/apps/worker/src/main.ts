import { greeting } from "@__NAME__/greeting";

const work = setInterval(() => console.log(greeting("worker")), 1000);

// Nothing is left to do then, and Node ends.
process.once("SIGTERM", () => clearInterval(work));
