/** The worker from its sources: under Node 20, tsx has to be registered in each thread anew. */
import { register } from "tsx/esm/api";

register();
await import("../../../../core/build/worker.ts");
