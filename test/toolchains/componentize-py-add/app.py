import wit_world


class WitWorld(wit_world.WitWorld):
    def add(self, left: int, right: int) -> int:
        return left + right
