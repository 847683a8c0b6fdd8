/** Names of the metadata that introduce the two sides of a unary call to each other. */

/** The caller's serialized Hello. */
export const helloKey = 'sluice-hello-bin'

/** The server's serialized HelloAnswer. */
export const helloAnswerKey = 'sluice-hello-answer-bin'

/** Why the server refused the Hello, as UTF-8 text. */
export const helloRefusalKey = 'sluice-hello-refusal-bin'
