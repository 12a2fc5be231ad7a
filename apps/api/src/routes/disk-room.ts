import { ContractError, type ErrorCode, type Reserve, ShortageError } from '@obscura/shared'

/** @throws ContractError `refusal` when the disk has no room for so many bytes */
export async function requireRoom(disk: Reserve | undefined, bytes: number, refusal: ErrorCode): Promise<void> {
  await disk?.require(bytes).catch(error => {
    throw error instanceof ShortageError ? new ContractError(refusal, {}, { cause: error }) : error
  })
}
