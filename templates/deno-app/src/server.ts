const server = Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8080) }, (request) => {
  if (new URL(request.url).pathname === "/health") return new Response("ok\n");
  return new Response("Hello from __NAME__\n");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.addSignalListener(signal, async () => {
    // Requests that are under way are answered first.
    await server.shutdown();
    Deno.exit(0);
  });
}
