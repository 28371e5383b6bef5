-- The health of an object of any kind: all of them say what is the matter in the same conditions.
local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function holds(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

local function told(health, type)
  local condition = conditions[type]
  return { status = health, message = condition.reason .. ": " .. condition.message }
end

local function health()
  local ready = conditions["Ready"]
  if ready ~= nil and ready.reason == "Suspended" then
    return told("Suspended", "Ready")
  end
  -- What is said of an older spec says nothing of this one.
  if ready == nil or status.observedGeneration ~= obj.metadata.generation then
    return { status = "Progressing", message = "waiting for Dialtone to look at it" }
  end
  if holds("Stalled") then
    return told("Degraded", "Stalled")
  end
  -- The provider is as its object says, and people cannot sign in any more.
  if holds("BreaksDependents") then
    return told("Degraded", "BreaksDependents")
  end
  if ready.status ~= "True" then
    return told("Progressing", "Ready")
  end
  if holds("Drifted") then
    return told("Healthy", "Drifted")
  end
  -- Not True, and there: nobody knows what the provider's end would break.
  if conditions["BreaksDependents"] ~= nil then
    return told("Healthy", "BreaksDependents")
  end
  return told("Healthy", "Ready")
end

local found = health()
-- An object that is going is shown as pending; one that cannot go says why.
if obj.metadata.deletionTimestamp ~= nil and found.status == "Degraded" then
  found.deletionMessage = found.message
end
return found
