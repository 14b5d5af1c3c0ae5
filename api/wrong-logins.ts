import { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import type { LoginPace } from '../domain/login-pace.ts'
import { ApiProblem, type LoginRefused } from './errors.ts'

/**
 * What a wrong login is answered with, when it is its turn: null = nothing, its connection is closed, since as many of its address wait as
 * may. Right logins of the address are answered meanwhile.
 */
export type AnswerWrongLogin = (request: FastifyRequest, refused: LoginRefused) => Promise<ApiProblem | null>

export function createWrongLogins(
  pace: LoginPace,
  onThrottled: (request: FastifyRequest, refused: LoginRefused) => void,
): AnswerWrongLogin {
  return async (request, refused) => {
    const waitMs = pace.wrong(request.ip, refused.who)
    if (waitMs === null) {
      onThrottled(request, refused)
      return isOwnConnection(request) ? null : tooFast
    }
    if (waitMs > 0) await pause(waitMs)
    return refused
  }
}

/** The connection of a proxy, which brings others too, is not closed for one of them; nor is a page of the console. */
const isOwnConnection = ({ ip, raw: { socket } }: FastifyRequest): boolean => socket instanceof Socket && socket.remoteAddress === ip

const tooFast = new ApiProblem('too-many', 'Wrong logins of this address come faster than they are answered.', {
  headers: { 'retry-after': '2' },
})
