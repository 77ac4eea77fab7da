from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    pass
