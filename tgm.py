import asyncio


def barrier():
    return asyncio.Barrier(3)


async def meet(b, x):
    await asyncio.wait_for(b.wait(), 2)
    return x
