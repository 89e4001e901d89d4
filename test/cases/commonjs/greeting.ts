export const greeting: string = "Hello\n";
