"""Assets of tubes that stand in nodes."""

import json


def test_the_assets_of_tubes_that_stand_in_nodes_are_listed(noob, write):
    write(
        "tube.yaml",
        """
        nodes:
          outer:
            type: tube
            params:
              tube:
                assets:
                  cm: {type: io.StringIO, scope: process}
                nodes:
                  n: {type: itertools.count}
                  p: {type: builtins.print, depends: [n.value, file: assets.cm]}
        """,
    )

    done = noob("assets", "list", "tube.yaml", "--json")

    assert done.code == 0, done.err
    (facts,) = json.loads(done.out)
    assert (facts["id"], facts["read_by"]) == ("outer.cm", ["outer.p"])
