import { expect, test } from 'vitest'
import { refuse } from '../../../../src/core/api/error-code.ts'
import { type RequestContext } from '../../../../src/core/api/request-context.ts'
import { type RequestHandler } from '../../../../src/engine/ports/request-handler.ts'
import { authorized } from '../../../../src/engine/node/authorized-handler.ts'

const context: RequestContext = {
  principal: 'User:ada',
  listener: 'CLIENT',
  clientId: 'test',
  peer: 'here',
  deadlineAtMs: 0,
}
const handler: RequestHandler = {
  handle: async (api) => Promise.resolve(refuse('NOT_READY', api)),
}

test('without an authorizer everybody may do everything', () => {
  expect(authorized(handler, undefined)).toBe(handler)
})

test('what the authorizer does not allow never reaches the handler', async () => {
  const guarded = authorized(handler, {
    mayCall: ({ principal, api }) => principal === 'User:ada' && api === 'metadata',
  })
  const request = { topics: 'all' } as const
  expect(await guarded.handle('metadata', request, context)).toEqual(
    refuse('NOT_READY', 'metadata'),
  )
  const other = { ...context, principal: 'User:bob' }
  expect(await guarded.handle('metadata', request, other)).toEqual(
    refuse(
      'CLUSTER_AUTHORIZATION_FAILED',
      'User:bob may not ask for metadata on the listener CLIENT.',
    ),
  )
})
