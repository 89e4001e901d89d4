const server = Bun.serve({
  port: Number(process.env["PORT"] ?? 8080),
  fetch(request) {
    if (new URL(request.url).pathname === "/health") return new Response("ok\n");
    return new Response("Hello from __NAME__\n");
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
