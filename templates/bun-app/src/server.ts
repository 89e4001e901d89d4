const server = Bun.serve({
  port: Number(process.env["PORT"] ?? 8080),
  routes: {
    "/health": new Response("ok\n"),
    "/*": new Response("Hello from __NAME__\n"),
  },
});

console.log(`Listening on port ${server.port}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    // Requests that are under way are answered first.
    await server.stop();
    process.exit(0);
  });
}
