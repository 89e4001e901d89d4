/** The worker from its sources: Node 20 needs tsx for that, registered in each thread anew. */
if (!("deno" in process.versions) && !("bun" in process.versions)) (await import("tsx/esm/api")).register();
await import("../../../../core/tasks/worker.ts");
