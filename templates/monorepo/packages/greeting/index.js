export const greeting = (name) => `Hello from ${name}`;
